import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { QueryClientProvider } from '@tanstack/react-query';
import { createClient } from './api/queries.ts';
import { App } from './app.tsx';
import './look/base.css';
import './look/tables.css';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={createClient()}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);

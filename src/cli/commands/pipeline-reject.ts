import { decidePipelineWith } from '../pipeline-decision.ts';

export const act = decidePipelineWith('reject');

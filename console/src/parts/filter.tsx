/** A filter lives in the address: it can be sent to somebody, and the way back leads through it. */
import { useSearchParams } from 'wouter';

export function useFilter(name: string): [value: string, set: (value: string) => void] {
  const [all, setAll] = useSearchParams();
  const set = (value: string) =>
    setAll(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === '') after.delete(name);
        else after.set(name, value);
        return after;
      },
      { replace: true },
    );
  return [all.get(name) ?? '', set];
}

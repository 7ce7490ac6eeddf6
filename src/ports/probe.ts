/** Looks at an address the way a user would. Never throws for what the network does: the answer says it. */
export interface Probe {
  http(url: string, options: { timeoutMs: number; signal?: AbortSignal }): Promise<ProbeAnswer>;
}

export type ProbeAnswer =
  | {
      readonly reached: true;
      readonly status: number;
      readonly milliseconds: number;
      /** The beginning of it, or all. */
      readonly body: Uint8Array;
      readonly isWhole: boolean;
    }
  | {
      readonly reached: false;
      readonly reason: string;
      /** It was our own machine that could not ask. */
      readonly byUs?: true;
    };

import type { Logger } from 'pino';
import type { Recorder } from './record/recorder.ts';

/** Logs what keeps packets from the disk, or from the worker that comes after this one: each time it is something else. */
export class RecorderWatch {
  readonly #recorder: Recorder;
  readonly #log: Pick<Logger, 'warn'>;
  #problem: string | undefined;
  #keyProblem: string | undefined;

  constructor(recorder: Recorder, log: Pick<Logger, 'warn'>) {
    this.#recorder = recorder;
    this.#log = log;
  }

  look(): void {
    const { problem, keyProblem } = this.#recorder;
    if (problem !== undefined && problem.code !== this.#problem)
      this.#log.warn({ code: problem.code, reason: problem.message }, 'Packets cannot be written.');
    this.#problem = problem?.code;
    if (keyProblem !== undefined && keyProblem.code !== this.#keyProblem)
      this.#log.warn(
        { code: keyProblem.code, reason: keyProblem.message },
        'Packets end with this worker: their key is in its process alone.',
      );
    this.#keyProblem = keyProblem?.code;
  }
}

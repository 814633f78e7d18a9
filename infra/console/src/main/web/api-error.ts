// What is refused, or does not come about.

/** An answer that is an error, or none at all (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly position?: number,
    readonly length?: number,
  ) {
    super(message);
  }
}

/** @returns what went wrong, as an error that people can read */
export function errorOf(thrown: unknown): ApiError {
  return thrown instanceof ApiError ? thrown : new ApiError(0, "UNKNOWN", String(thrown));
}

/** Asks the service; what goes wrong is told as screens want it. */
import { NotReachable, RequestRefused } from "../../driver/errors.ts";
import { ModelError } from "../actions.ts";

/** Throws a ModelError where the service cannot be reached or refuses. */
export async function ask<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof NotReachable) {
      throw new ModelError("offline", fault.message);
    }
    if (fault instanceof RequestRefused) {
      throw new ModelError(fault.code, fault.message);
    }
    throw fault instanceof Error ? new ModelError("failed", fault.message) : fault;
  }
}

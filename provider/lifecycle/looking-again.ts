import { Overtaken, Refused } from "../host/errors.js";

/** How often it looks and plans anew when another program was faster. */
const LOOKS = 3;

/** Looks, plans and applies; anew where another program was faster. `isLast` is told that there is no other try. */
export async function lookingAgain<T>(look: (isLast: boolean) => Promise<T>): Promise<T> {
  for (let looks = 1; ; looks++) {
    try {
      return await look(looks === LOOKS);
    } catch (error) {
      if (error instanceof Overtaken && looks < LOOKS) continue;
      // A refusal now can't say that nothing was changed: steps of the look before may have come first.
      if (error instanceof Refused && looks > 1)
        error.message = error.message.replace(" Nothing was changed.", " Another program was faster.");
      throw error;
    }
  }
}

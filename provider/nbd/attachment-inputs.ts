import { z } from "zod";
import { common } from "../inputs/common.js";
import { hostRefSchema } from "../inputs/host-ref.js";
import { GUARDED, optionList } from "../inputs/options.js";
import { duration, millisecondsOf, ownPath, size, volumeName } from "../inputs/schemas.js";

const ADDRESS = "the node's IP address on the storage network, or its network: set the Host's address";

/** An address, or a network such as "10.77.0.0/24". */
const nodeAddress = z
  .union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], ADDRESS)
  .refine(isNotEvery, `${ADDRESS}; this is every address`);

const ALONE = "the node's IP address on the storage network";

/** An address alone: where nothing but the address tells one node from another. */
export const addressAlone = z
  .union([z.ipv4(), z.ipv6()], {
    error: ({ input }) =>
      typeof input === "string" && input.includes("/")
        ? `${ALONE}, alone: over NFS a network would let in each of its nodes, also one that was fenced`
        : `${ALONE}: set the Host's address`,
  })
  .refine(isNotEvery, `${ALONE}; this is every address`);

function isNotEvery(address: string): boolean {
  return !/^(::ffff:)?[0.:]+$|\/0+$/i.test(address);
}

/** In the growth of an image, which stops the server for a moment, nobody is to get an error. */
const RECONNECT_AT_LEAST_MS = 5000;

export const attachmentInputs = z.object({
  ...common,
  name: volumeName,
  storage: hostRefSchema,
  path: ownPath,
  options: optionList(["noatime", ...GUARDED]),
  client: z.enum(["qemu-nbd", "nbd-client"], '"qemu-nbd" or "nbd-client"').default("qemu-nbd"),
  address: nodeAddress,
  reconnectDelay: duration
    .refine(
      (text) => millisecondsOf(text) >= RECONNECT_AT_LEAST_MS,
      "at least 5s: a server that starts anew takes as long",
    )
    .default("120s"),
  size: size.optional(),
  /** Not for the program: what `read` finds instead is drift. */
  status: z.string().default("attached"),
});

export type NbdAttachmentInputs = z.infer<typeof attachmentInputs>;

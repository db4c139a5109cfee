import { z } from "zod";
import { hostRefSchema } from "./host-ref.js";
import { common } from "./inputs.js";
import { optionList } from "./options.js";
import { duration, ownPath, size, volumeName } from "./schemas.js";

const ADDRESS = "the node's IP address on the storage network, or its network: set the Host's address";

/** An address, or a network such as "10.77.0.0/24". */
export const nodeAddress = z
  .union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], ADDRESS)
  .refine((address) => !/^(::ffff:)?[0.:]+$|\/0+$/i.test(address), `${ADDRESS}; this is every address`);

export const attachmentInputs = z.object({
  ...common,
  name: volumeName,
  storage: hostRefSchema,
  path: ownPath,
  options: optionList(["noatime"]),
  client: z.enum(["qemu-nbd", "nbd-client"], '"qemu-nbd" or "nbd-client"').default("qemu-nbd"),
  address: nodeAddress,
  reconnectDelay: duration.default("120s"),
  size: size.optional(),
  /** Not for the program: what `read` finds instead is drift. */
  status: z.string().default("attached"),
});

export type NbdAttachmentInputs = z.infer<typeof attachmentInputs>;

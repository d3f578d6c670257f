/** How others see one, whom one has blocked, and the archive of what one wrote. */
import { RequestRefused } from "../../driver/errors.ts";
import { postFile } from "../../driver/fileForm.ts";
import type { UpdateUser } from "../../protocol/types.ts";
import type { AccountActions } from "../actions.ts";
import type { Export } from "../state.ts";
import { ask } from "./ask.ts";
import type { LiveModel } from "./liveModel.ts";

/** So long, in ms, an archive can be had: docs/protocol.md, Accounts and retention. */
const ARCHIVE_LASTS = 7 * 24 * 3_600_000;
const NO_EXPORT: Export = { state: "none", url: null };

type ProfileActions = Pick<
  AccountActions,
  | "updateProfile"
  | "setAvatar"
  | "removeAvatar"
  | "missedAvatar"
  | "blocks"
  | "block"
  | "unblock"
  | "requestExport"
  | "exportState"
>;

export function profileActions(model: LiveModel): ProfileActions {
  const update = async (changes: UpdateUser): Promise<void> => {
    const me = await model.api.updateMe(changes);
    await model.storage.setMe(me);
    model.set({ account: { stage: "signedIn", me } });
    model.people.meet([me]);
  };
  const setBlocked = (blocked: ReadonlySet<string>) => {
    model.blocked = blocked;
    model.render();
  };
  return {
    updateProfile: (changes) => ask(() => update(changes)),
    setAvatar: (picture, progress) =>
      ask(async () => {
        const { type: contentType, size: bytes } = picture;
        const form = await model.api.requestUpload({ kind: "avatar", contentType, bytes });
        await postFile(form, picture, { progress: (sent) => progress(sent / bytes) });
        await update({ avatar: form.mediaId });
      }),
    removeAvatar: () => ask(() => update({ avatar: "" })),
    missedAvatar: (userId, avatar) => void model.avatars.missed(userId, avatar),
    blocks: () =>
      ask(async () => {
        const users = await model.api.blocks();
        model.people.meet(users);
        return users;
      }),
    block: (userId) =>
      ask(async () => {
        await model.api.block(userId);
        setBlocked(new Set([...model.blocked, userId]));
      }),
    unblock: (userId) =>
      ask(async () => {
        await model.api.unblock(userId);
        setBlocked(new Set([...model.blocked].filter((other) => other !== userId)));
      }),
    requestExport: () =>
      ask(async () => {
        const told = await model.api.requestExport();
        await model.storage.setExportRequestedAt(told.requestedAt);
        return exportOf(told);
      }),
    exportState: () => ask(() => exportState(model)),
  };
}

async function exportState({ api, storage }: LiveModel): Promise<Export> {
  const requestedAt = await storage.exportRequestedAt();
  if (requestedAt === null || Date.parse(requestedAt) + ARCHIVE_LASTS < Date.now()) {
    return NO_EXPORT;
  }
  try {
    return exportOf(await api.exportState());
  } catch (fault) {
    if (fault instanceof RequestRefused && fault.code === "no_export") {
      await storage.setExportRequestedAt(null);
      return NO_EXPORT;
    }
    throw fault;
  }
}

function exportOf(told: { readonly status: "preparing" | "ready"; readonly url?: string }): Export {
  return { state: told.status, url: told.url ?? null };
}

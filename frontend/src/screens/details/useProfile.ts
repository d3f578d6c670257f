/** What somebody says of themselves, asked for when it is looked at. */
import { useEffect, useState } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { User } from "../../model/state.ts";

/** The user as the service knows them; as they are known here until it answers, or while it cannot. */
export function useProfile(user: User | null): User | null {
  const actions = useActions();
  const [profile, setProfile] = useState<User | null>(null);
  const userId = user?.userId;
  useEffect(() => {
    if (userId === undefined) {
      return;
    }
    let isWanted = true;
    actions.profile(userId).then(
      (found) => isWanted && setProfile(found),
      () => isWanted && setProfile(null), // offline: what is known here will do
    );
    return () => {
      isWanted = false;
    };
  }, [actions, userId]);
  return profile ?? user;
}

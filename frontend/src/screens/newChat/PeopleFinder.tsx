/** Finds people by how their names begin. */
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { User } from "../../model/state.ts";
import { useAnnounce } from "../../ui/Announcer.tsx";
import { Avatar } from "../../ui/Avatar.tsx";
import { SearchField } from "../../ui/Field.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { nameOf } from "../../ui/names.ts";
import { Spinner } from "../../ui/Spinner.tsx";
import { useRovingFocus } from "../../ui/useRovingFocus.ts";
import { sentenceOf } from "../../ui/useTask.ts";
import "./PeopleFinder.css";

/** So long one may pause while typing before a search begins, in ms. */
const PAUSE = 250;

interface PeopleFinderProps {
  readonly onChoose: (user: User) => void;
  /** Who is marked as chosen, where several can be. */
  readonly chosen?: readonly User[];
  readonly isLeftOut?: (user: User) => boolean;
}

export function PeopleFinder({ onChoose, chosen, isLeftOut }: PeopleFinderProps): ReactNode {
  const [query, setQuery] = useState("");
  const { users, problem, searching } = useFound(query.trim());
  const list = useRef<HTMLUListElement>(null);
  const moveFocus = useRovingFocus(list);
  const shown = users?.filter((user) => !isLeftOut?.(user)) ?? [];

  function goToList(event: KeyboardEvent): void {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      list.current?.querySelector<HTMLElement>("[data-roving]")?.focus();
    }
  }

  return (
    <div className="people">
      <SearchField
        autoFocus
        data-begin=""
        label="Find people by name"
        maxLength={64}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={goToList}
        value={query}
      />
      <Problem text={problem} />
      {query.trim().length < 2 ? (
        <p className="people-hint">Type how the user name begins, two letters at least.</p>
      ) : searching ? (
        <Spinner label="Searching" />
      ) : (
        users !== null &&
        shown.length === 0 && <p className="people-hint">Nobody is found whose name begins so.</p>
      )}
      <ul onKeyDown={moveFocus} ref={list}>
        {shown.map((user) => {
          const isChosen = chosen?.some((one) => one.userId === user.userId);
          return (
            <li key={user.userId}>
              <button
                aria-pressed={chosen && isChosen}
                className="person"
                data-roving=""
                onClick={() => onChoose(user)}
                type="button"
              >
                <Avatar id={user.userId} name={nameOf(user)} />
                <span className="person-names">
                  <bdi>{nameOf(user)}</bdi>
                  <small>@{user.username}</small>
                </span>
                {isChosen && <Icon name="check" />}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

interface Found {
  /** Null until an answer came. */
  readonly users: readonly User[] | null;
  readonly problem: string;
  readonly searching: boolean;
}

function useFound(query: string): Found {
  const actions = useActions();
  const announce = useAnnounce();
  const [found, setFound] = useState<Found>({ users: null, problem: "", searching: false });
  useEffect(() => {
    if (query.length < 2) {
      setFound({ users: null, problem: "", searching: false });
      return;
    }
    let isWanted = true;
    setFound((before) => ({ ...before, searching: true }));
    const timer = setTimeout(async () => {
      try {
        const users = await actions.findUsers(query);
        if (isWanted) {
          setFound({ users, problem: "", searching: false });
          announce(users.length === 1 ? "One person found" : `${users.length} people found`);
        }
      } catch (error) {
        if (isWanted) {
          setFound({ users: null, problem: sentenceOf(error), searching: false });
        }
      }
    }, PAUSE);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [actions, announce, query]);
  return found;
}

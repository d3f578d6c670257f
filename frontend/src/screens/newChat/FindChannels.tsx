/** The channels that one can join. */
import { type ReactNode, useEffect, useState } from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import type { Channel } from "../../model/state.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { Button } from "../../ui/Button.tsx";
import { SearchField } from "../../ui/Field.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { sentenceOf, useTask } from "../../ui/useTask.ts";
import { go } from "../routes.ts";

const PAUSE = 250;

export function FindChannels(): ReactNode {
  const actions = useActions();
  const [query, setQuery] = useState("");
  const [channels, setChannels] = useState<readonly Channel[] | null>(null);
  const [problem, setProblem] = useState("");
  const wanted = query.trim();

  useEffect(() => {
    let isWanted = true;
    const timer = setTimeout(
      () =>
        actions.findChannels(wanted).then(
          (found) => {
            if (isWanted) {
              setChannels(found);
              setProblem("");
            }
          },
          (error) => isWanted && setProblem(sentenceOf(error)),
        ),
      wanted ? PAUSE : 0,
    );
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [actions, wanted]);

  return (
    <section className="form">
      <h3>Channels to join</h3>
      <SearchField
        label="Find a channel by name"
        maxLength={100}
        onChange={(event) => setQuery(event.target.value)}
        value={query}
      />
      <Problem text={problem} />
      {channels === null && !problem && <Spinner label="Loading the channels" />}
      {channels?.length === 0 && <p className="people-hint">No channel is called so.</p>}
      <ul>
        {channels?.map((channel) => (
          <ChannelRow channel={channel} key={channel.chatId} />
        ))}
      </ul>
    </section>
  );
}

function ChannelRow({ channel }: { readonly channel: Channel }): ReactNode {
  const actions = useActions();
  const task = useTask();
  const isIn = useValue((state) => state.chats.some((chat) => chat.chatId === channel.chatId));
  const open = () => go({ screen: "chat", chatId: channel.chatId, panel: null });
  return (
    <li className="listed">
      <Avatar icon="channel" id={channel.chatId} name={channel.name} />
      <bdi className="listed-name">{channel.name}</bdi>
      {isIn ? (
        <Button aria-label={`Open ${channel.name}`} onClick={open}>
          Open
        </Button>
      ) : (
        <Button
          aria-label={`Join ${channel.name}`}
          busy={task.busy}
          kind="primary"
          onClick={() => void task.run(() => actions.joinChannel(channel.chatId), open)}
        >
          Join
        </Button>
      )}
      <Problem text={task.problem} />
    </li>
  );
}

/** How a component reads the model: one value of it, and it renders again when that value changes. */
import { createContext, type ReactNode, useContext, useEffect, useSyncExternalStore } from "react";
import { painted } from "../driver/painted.ts";
import type { Actions } from "./actions.ts";
import type { ChatModel } from "./model.ts";
import type { ModelState } from "./state.ts";

const ModelContext = createContext<ChatModel | null>(null);

export function ModelProvider({
  model,
  children,
}: {
  readonly model: ChatModel;
  readonly children: ReactNode;
}) {
  useEffect(() => void painted().then(() => model.connect?.()), [model]);
  return <ModelContext value={model}>{children}</ModelContext>;
}

function useModel(): ChatModel {
  const model = useContext(ModelContext);
  if (model === null) {
    throw new Error("There is no model: put the component under a ModelProvider.");
  }
  return model;
}

/** One value of the state. `select` must return a part of the state and not a new object. */
export function useValue<Value>(select: (state: ModelState) => Value): Value {
  const model = useModel();
  return useSyncExternalStore(model.subscribe, () => select(model.getSnapshot()));
}

export function useActions(): Actions {
  return useModel().actions;
}

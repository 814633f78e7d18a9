package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Holder;
import org.jspecify.annotations.Nullable;

/** The holder of work among the fields of an event. */
final class HolderJson {

    private HolderJson() {}

    /** Adds nothing where nobody in particular holds it. */
    static void write(JsonWriter json, @Nullable Holder holder) {
        if (holder != null) {
            json.text("heldBy", holder.who().id())
                    .text("heldByType", holder.who().type())
                    .text("heldByCredential", holder.who().credential())
                    .text("binding", holder.binding().name());
        }
    }

    static @Nullable Holder read(JsonReader json) {
        return json.has("binding")
                ? new Holder(
                        new Asker(text(json, "heldByType"), text(json, "heldBy"), text(json, "heldByCredential")),
                        Holder.Binding.valueOf(text(json, "binding")))
                : null;
    }

    private static String text(JsonReader json, String name) {
        String text = json.text(name);
        if (text == null) {
            throw new IllegalArgumentException("expected a text as " + name + " of a holder, but it is null");
        }
        return text;
    }
}

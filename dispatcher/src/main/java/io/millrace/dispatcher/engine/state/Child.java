package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.store.Bytes;
import java.util.UUID;

/** A child workflow as its parent knows it. */
public record Child(UUID id, String name, boolean closed) {

    Bytes write(Bytes out) {
        return out.rawId(id).text(name).bool(closed);
    }

    static Child read(Bytes in) {
        return new Child(in.rawId(), in.text(), in.bool());
    }
}

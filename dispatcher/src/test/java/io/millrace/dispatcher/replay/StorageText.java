package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.HexFormat;

/** Contents of storages as text, in the form of the engine's tests. */
final class StorageText {

    private StorageText() {}

    static String dump(Storage storage) {
        HexFormat hex = HexFormat.of();
        StringBuilder text = new StringBuilder();
        for (Table table : Table.values()) {
            storage.scan(table, new byte[0], (key, value) -> {
                text.append(table)
                        .append(' ')
                        .append(hex.formatHex(key))
                        .append(" = ")
                        .append(hex.formatHex(value))
                        .append('\n');
                return true;
            });
        }
        return text.toString();
    }
}

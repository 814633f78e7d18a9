package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.store.Bytes;

/** The stored form of a holder. */
final class HolderForm {

    private HolderForm() {}

    static void write(Bytes out, Holder holder) {
        out.text(holder.who().type())
                .text(holder.who().id())
                .text(holder.who().credential())
                .u8(holder.binding().ordinal());
    }

    static Holder read(Bytes in) {
        return new Holder(new Asker(in.text(), in.text(), in.text()), Holder.Binding.values()[in.u8()]);
    }
}

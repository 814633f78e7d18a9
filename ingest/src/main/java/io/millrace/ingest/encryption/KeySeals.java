package io.millrace.ingest.encryption;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.DataKeyEntry;
import io.millrace.proto.v1.MacVerdict;

/**
 * Seals what nodes write to the topic of data keys by the keys of their commands, and tells what they have sealed. Immutable, safe
 * from any thread, never blocks.
 */
final class KeySeals {

    /** No partition has this number, and seals of API keys and approvals have others, so no seal is that of something else. */
    private static final int NO_PARTITION = -3;

    private final CommandMacs macs;

    KeySeals(CommandMacs macs) {
        this.macs = macs;
    }

    private static byte[] carried(DataKeyEntry entry) {
        return CommandRecord.newBuilder()
                .setCommandId(entry.toBuilder().clearMac().build().toByteString())
                .build()
                .toByteArray();
    }

    /** @return the entry with its MAC */
    DataKeyEntry sealed(DataKeyEntry entry) {
        byte[] carried = carried(entry);
        byte[] sealed = macs.seal(NO_PARTITION, carried);
        return entry.toBuilder()
                .setMac(ByteString.copyFrom(sealed, carried.length, sealed.length - carried.length))
                .build();
    }

    /** @return whether a node wrote the entry; where no MACs are required, everything counts as theirs */
    boolean holds(DataKeyEntry entry) throws InvalidProtocolBufferException {
        if (macs.mode() != MacMode.REQUIRE) {
            return true;
        }
        byte[] carried = carried(entry);
        byte[] mac = entry.getMac().toByteArray();
        byte[] sealed = new byte[carried.length + mac.length];
        System.arraycopy(carried, 0, sealed, 0, carried.length);
        System.arraycopy(mac, 0, sealed, carried.length, mac.length);
        return macs.check(NO_PARTITION, sealed, CommandRecord.parseFrom(sealed)) == MacVerdict.MAC_VALID;
    }
}

package io.millrace.ingest.encryption;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.DataKeyEntry;
import io.millrace.proto.v1.MacVerdict;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Seals what nodes write to the topic of data keys by the keys of their commands, and tells what they have sealed. Immutable, safe
 * from any thread, never blocks.
 */
final class KeySeals {

    /** No partition has this number, and seals of API keys and approvals have others, so no seal is that of something else. */
    private static final int NO_PARTITION = -3;

    /** A record that was sealed so long before or after the broker took it in is a copy, or its node's clock is wrong. */
    private static final Duration PROMPT = Duration.ofMinutes(10);

    private final CommandMacs macs;
    private final LongSupplier clock;

    KeySeals(CommandMacs macs) {
        this(macs, System::currentTimeMillis);
    }

    /** @param clock milliseconds since the epoch */
    KeySeals(CommandMacs macs, LongSupplier clock) {
        this.macs = macs;
        this.clock = clock;
    }

    private static byte[] carried(DataKeyEntry entry) {
        return CommandRecord.newBuilder()
                .setCommandId(entry.toBuilder().clearMac().build().toByteString())
                .build()
                .toByteArray();
    }

    /** @return the entry with its time and its MAC */
    DataKeyEntry sealed(DataKeyEntry entry) {
        DataKeyEntry dated = entry.toBuilder().setSealedAtMs(clock.getAsLong()).build();
        byte[] carried = carried(dated);
        byte[] sealed = macs.seal(NO_PARTITION, carried);
        return dated.toBuilder()
                .setMac(ByteString.copyFrom(sealed, carried.length, sealed.length - carried.length))
                .build();
    }

    /**
     * @param sealed an entry that this node has sealed
     * @param brokerMs when the broker took it in, milliseconds since the epoch
     * @return whether nodes take it for what it is; otherwise the clock of this node, or that of the broker, is wrong
     */
    boolean prompt(DataKeyEntry sealed, long brokerMs) {
        return macs.mode() != MacMode.REQUIRE || Math.abs(sealed.getSealedAtMs() - brokerMs) <= PROMPT.toMillis();
    }

    /**
     * Tells who wrote the entry; where no MACs are required, everything counts as a node's.
     *
     * @param brokerMs when the broker took it in, milliseconds since the epoch
     */
    Seal of(DataKeyEntry entry, long brokerMs) throws InvalidProtocolBufferException {
        if (macs.mode() != MacMode.REQUIRE) {
            return Seal.NODE;
        }
        if (entry.getSealedAtMs() != 0 && !prompt(entry, brokerMs)) {
            return Seal.COPIED;
        }
        if (!holds(entry)) {
            return Seal.NONE;
        }
        return entry.getSealedAtMs() == 0 ? Seal.UNDATED : Seal.NODE;
    }

    /**
     * @param entry one that counts
     * @return whether a node has sealed it by a key that this node knows, but does not seal with: when the key is changed, the entry
     *     holds only as long as the old one is known
     */
    boolean byOtherKey(DataKeyEntry entry) throws InvalidProtocolBufferException {
        return macs.mode() == MacMode.REQUIRE
                && holds(entry)
                && !macs.isByOwnKey(CommandRecord.parseFrom(withMac(entry)));
    }

    private boolean holds(DataKeyEntry entry) throws InvalidProtocolBufferException {
        byte[] sealed = withMac(entry);
        return macs.check(NO_PARTITION, sealed, CommandRecord.parseFrom(sealed)) == MacVerdict.MAC_VALID;
    }

    /** @return what the MAC covers, and the MAC, as {@link CommandMacs} put it */
    private static byte[] withMac(DataKeyEntry entry) {
        byte[] carried = carried(entry);
        byte[] mac = entry.getMac().toByteArray();
        byte[] sealed = Arrays.copyOf(carried, carried.length + mac.length);
        System.arraycopy(mac, 0, sealed, carried.length, mac.length);
        return sealed;
    }
}

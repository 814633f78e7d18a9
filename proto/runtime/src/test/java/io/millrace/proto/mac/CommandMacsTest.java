package io.millrace.proto.mac;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.FireDue;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.Principal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandMacsTest {

    private static final int PARTITION = 3;
    private static final MacKey OLD = key("k1", 1);
    private static final MacKey NEW = key("k2", 2);
    private static final CommandRecord COMMAND = CommandRecord.newBuilder()
            .setCommandId(ByteString.copyFrom(new byte[16]))
            .setPrincipal(Principal.newBuilder().setId("ann").setRole("ADMIN"))
            .setTimeMs(1_700_000_000_000L)
            .setFireDue(FireDue.newBuilder().setLimit(7))
            .build();

    @TempDir
    private Path folder;

    private static MacKey key(String id, int seed) {
        byte[] secret = new byte[MacKey.LEAST_BYTES];
        secret[0] = (byte) seed;
        return new MacKey(id, secret);
    }

    private static CommandMacs macs(MacKey... keys) {
        return new CommandMacs(MacMode.REQUIRE, new MacKeys(List.of(keys)));
    }

    private static MacVerdict check(CommandMacs macs, int partition, byte[] record) {
        try {
            return macs.check(partition, record, CommandRecord.parseFrom(record));
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatANodeWroteIsKnown() throws Exception {
        byte[] record = macs(OLD).seal(PARTITION, COMMAND);

        assertEquals(MacVerdict.MAC_VALID, check(macs(OLD), PARTITION, record));
        assertEquals(
                COMMAND, CommandRecord.parseFrom(record).toBuilder().clearMac().build());
        assertArrayEquals(record, macs(OLD).seal(PARTITION, COMMAND.toByteArray()));
    }

    /** The format that the comment of the field in commands.proto tells, made by hand. */
    @Test
    void theMacIsThatOfPartitionAndBytesWithTheKeysIdBehindIt() throws Exception {
        byte[] body = COMMAND.toByteArray();
        byte[] secret = new byte[32];
        secret[0] = 1;
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        mac.update(ByteBuffer.allocate(4).putInt(PARTITION).array());
        ByteString expected = ByteString.copyFrom(mac.doFinal(body)).concat(ByteString.copyFromUtf8("k1"));

        byte[] record = macs(OLD).seal(PARTITION, COMMAND);

        assertEquals(expected, CommandRecord.parseFrom(record).getMac());
        assertArrayEquals(body, Arrays.copyOf(record, body.length));
    }

    @Test
    void noByteOfARecordCanBeAnother() {
        byte[] record = macs(OLD).seal(PARTITION, COMMAND);

        for (int i = 0; i < record.length; i++) {
            byte[] changed = record.clone();
            changed[i] ^= 1;
            try {
                CommandRecord command = CommandRecord.parseFrom(changed);
                assertFalse(macs(OLD).check(PARTITION, changed, command) == MacVerdict.MAC_VALID, "byte " + i);
            } catch (InvalidProtocolBufferException unreadable) {
                // and so refused anyhow
            }
        }
    }

    @Test
    void aRecordIsOfItsPartition() {
        byte[] record = macs(OLD).seal(PARTITION, COMMAND);

        assertEquals(MacVerdict.MAC_WRONG, check(macs(OLD), PARTITION + 1, record));
    }

    @Test
    void whatCarriesNoneOrOneElsewhereIsNotKnown() {
        byte[] sealed = macs(OLD).seal(PARTITION, COMMAND);
        byte[] behind = CommandRecord.newBuilder().setOrigin("added").build().toByteArray();
        byte[] longer = Arrays.copyOf(sealed, sealed.length + behind.length);
        System.arraycopy(behind, 0, longer, sealed.length, behind.length);

        assertEquals(MacVerdict.MAC_MISSING, check(macs(OLD), PARTITION, COMMAND.toByteArray()));
        assertEquals(MacVerdict.MAC_MISSING, check(macs(OLD), PARTITION, new byte[0]));
        assertEquals(MacVerdict.MAC_MISSING, check(macs(OLD), PARTITION, longer));
        assertEquals(
                MacVerdict.MAC_MISSING,
                check(
                        macs(OLD),
                        PARTITION,
                        COMMAND.toBuilder()
                                .setMac(ByteString.copyFromUtf8("k1"))
                                .build()
                                .toByteArray()));
    }

    @Test
    void aKeyIsChangedWithAnOverlap() {
        byte[] before = macs(OLD).seal(PARTITION, COMMAND);
        byte[] after = macs(NEW, OLD).seal(PARTITION, COMMAND);

        assertEquals(MacVerdict.MAC_OF_UNKNOWN_KEY, check(macs(OLD), PARTITION, after));
        assertEquals(MacVerdict.MAC_VALID, check(macs(OLD, NEW), PARTITION, after));
        assertEquals(MacVerdict.MAC_VALID, check(macs(NEW, OLD), PARTITION, before));
        assertEquals(MacVerdict.MAC_OF_UNKNOWN_KEY, check(macs(NEW), PARTITION, before));
        assertEquals(MacVerdict.MAC_WRONG, check(macs(key("k1", 9)), PARTITION, before));
    }

    @Test
    void switchedOffNothingIsWrittenAndNothingLookedAt() {
        assertArrayEquals(COMMAND.toByteArray(), CommandMacs.OFF.seal(PARTITION, COMMAND));
        assertEquals(MacVerdict.MAC_UNCHECKED, check(CommandMacs.OFF, PARTITION, COMMAND.toByteArray()));
        assertThrows(IllegalArgumentException.class, () -> new CommandMacs(MacMode.WRITE, MacKeys.NONE));
    }

    @Test
    void aFileHasAKeyOnEachLine() throws IOException {
        Path file = Files.writeString(
                folder.resolve("keys"),
                "# the next\nk2 AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nk1 AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");

        CommandMacs macs = new CommandMacs(MacMode.REQUIRE, MacKeys.read(file));

        assertArrayEquals(macs(NEW).seal(PARTITION, COMMAND), macs.seal(PARTITION, COMMAND));
        assertEquals(MacVerdict.MAC_VALID, check(macs, PARTITION, macs(OLD).seal(PARTITION, COMMAND)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "k1 | line 1: expected an id, a space and a secret",
                "k1 c2VjcmV0 | line 1: expected at least 32 bytes as key k1, but got 6",
                "k1 !secret! | line 1: expected a secret in Base64 as key k1",
                "k!1 AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= | line 1: expected 1 to 32 letters",
                "# nothing | expected at least one key",
            })
    void aFileThatIsNoneSaysWhyWithoutTheSecret(String text, String said) throws IOException {
        Path file = Files.writeString(folder.resolve("keys"), text);

        String message = assertThrows(IllegalArgumentException.class, () -> MacKeys.read(file))
                .getMessage();

        assertTrue(message.contains(said), message);
        assertFalse(message.contains("secret!") || message.contains("c2VjcmV0"), message);
    }
}

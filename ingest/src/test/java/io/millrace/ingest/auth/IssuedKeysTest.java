package io.millrace.ingest.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.config.KeyDigest;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.Ids;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.standin.MemoryDirectory;
import io.millrace.proto.v1.KeyEntry;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.SealedKey;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is known of a key when the directory tells of it in another order than it was changed. */
class IssuedKeysTest {

    private static final UUID ID = new UUID(7, 7);
    private static final CommandMacs MACS =
            new CommandMacs(MacMode.REQUIRE, new MacKeys(List.of(new MacKey("k", new byte[MacKey.LEAST_BYTES]))));
    private static final Access ACCESS = AccessFile.parse(OpenDoor.TOML);

    private final MemoryDirectory directory = new MemoryDirectory();
    private final IssuedKeys keys = IssuedKeys.follow(ACCESS, MACS, directory, InstantSource.system());

    private static KeyEntry entry(long version) {
        return KeyEntry.newBuilder()
                .setKeyId(Ids.toByteString(ID))
                .setOrgId(Ids.toByteString(OpenDoor.ALPHA))
                .setDigest(ByteString.copyFrom(KeyDigest.of("secret").bytes()))
                .setPrincipal(Principal.newBuilder()
                        .setType(Principal.Type.USER)
                        .setId("ann")
                        .setRole("MEMBER"))
                .setExpiresAtMs(version)
                .setVersion(version)
                .build();
    }

    private SealedKey last() {
        List<SealedKey> all = new ArrayList<>();
        directory.followKeys(all::add);
        assertEquals(1, all.size());
        return all.getFirst();
    }

    @Test
    void whatIsOlderThanWhatIsKnownIsWrittenOver() {
        keys.keep(entry(1)).join();
        SealedKey older = last();
        keys.keep(entry(2)).join();
        SealedKey newer = last();

        directory.keepKey(older).join();

        assertEquals(newer, last());
        assertEquals(entry(2), keys.find(OpenDoor.ALPHA, ID).orElseThrow());
    }

    @Test
    void aRevocationCountsWhateverElseWasChangedMeanwhile() {
        KeyEntry revoked = entry(2).toBuilder().setRevokedAtMs(1).build();
        keys.keep(entry(3)).join();

        keys.keep(revoked).join();

        assertEquals(revoked, keys.find(OpenDoor.ALPHA, ID).orElseThrow());
        SealedKey written = last();
        keys.keep(entry(4)).join();
        assertEquals(written, last());
        assertTrue(keys.find(KeyDigest.of("secret")).refused() != null);
    }
}

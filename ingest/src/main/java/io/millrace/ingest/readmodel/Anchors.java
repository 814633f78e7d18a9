package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import io.millrace.ingest.audit.trail.Anchor;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What the next outcome of a partition has to continue, as it stands in projector_offsets. */
final class Anchors {

    /** Columns that {@link #read} wants. */
    static final String COLUMNS = "next_command, outcomes_hash, event_sequence, event_hash, whole, sealed";

    private Anchors() {}

    /** @return the anchor of the row, or null if the partition begins with whatever comes next */
    static @Nullable Anchor read(ResultSet row) throws SQLException {
        byte[] hash = row.getBytes("outcomes_hash");
        return hash == null
                ? null
                : new Anchor(
                        row.getLong("next_command"),
                        ByteString.copyFrom(hash),
                        row.getLong("event_sequence"),
                        ByteString.copyFrom(row.getBytes("event_hash")),
                        row.getBoolean("whole"),
                        row.getBoolean("sealed"));
    }
}

package io.millrace.ingest.limits;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How many connections the files allow that this process may have open. Five twelfths of them are kept back for Kafka, RocksDB and
 * PostgreSQL, which would fail for good where a client is only turned away.
 */
public final class OpenFiles {

    private OpenFiles() {}

    /** @return connections that gRPC may have: a third of the files */
    public static int forGrpc() {
        return part(3);
    }

    /** @return connections that HTTP may have: a sixth of the files */
    public static int forHttp() {
        return part(6);
    }

    /** @return connections that the port for reads between nodes may have: a twelfth of the files */
    public static int forNodes() {
        return part(12);
    }

    private static int part(int parts) {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? (int) Math.clamp(unix.getMaxFileDescriptorCount() / parts, 16, Integer.MAX_VALUE)
                : Integer.MAX_VALUE;
    }
}

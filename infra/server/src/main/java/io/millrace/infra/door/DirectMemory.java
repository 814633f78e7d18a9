package io.millrace.infra.door;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.grpc.netty.shaded.io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/** The memory outside the heap. It holds data on the way to and from the network. */
public final class DirectMemory {

    private DirectMemory() {}

    /** @return the most that the JVM allows, in bytes */
    public static long most() {
        long said = Long.parseLong(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue());
        return said > 0 ? said : Runtime.getRuntime().maxMemory();
    }

    /**
     * @return bytes that are reserved now, by the count of the JDK or of the network library, which may reserve memory
     *     past the JDK
     */
    public static long used() {
        long byTheJdk = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return Math.max(byTheJdk, PlatformDependent.usedDirectMemory());
    }
}

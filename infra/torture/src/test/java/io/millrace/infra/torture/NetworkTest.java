package io.millrace.infra.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class NetworkTest {

    private static final Logger LOG = LoggerFactory.getLogger(NetworkTest.class);

    private static final Path DEVICES = Path.of("/sys/class/net");

    /** As root all of it is made. Without rights, or without iproute2, none of it can be: that is said, and ends nothing. */
    @Test
    void nothingOfItStays() throws IOException {
        try (Network network = new Network(2)) {
            network.cut(0, 1);
            network.mend(0, 1);
        } catch (IOException e) {
            LOG.info("this machine, or this user, makes no networks: {}", e.getMessage());
        }

        assertEquals(List.of(), devices());
    }

    private static List<String> devices() throws IOException {
        if (!Files.isDirectory(DEVICES)) {
            return List.of();
        }
        String pid = String.valueOf(ProcessHandle.current().pid());
        try (Stream<Path> devices = Files.list(DEVICES)) {
            return devices.map(device -> device.getFileName().toString())
                    .filter(device -> device.equals("mrt" + pid) || device.startsWith("mrv" + pid + "-"))
                    .toList();
        }
    }
}

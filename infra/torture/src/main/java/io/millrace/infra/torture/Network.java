package io.millrace.infra.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A network of hosts on this machine, between any two of which the link can be cut. Each host is a network namespace, with a
 * cable to a bridge that this process is at as well. A host that is cut off from another sends what is for it to where
 * nobody is. So it hears nothing of the cut: what it sends is lost, as in a network that is broken somewhere.
 *
 * <p>It takes root, and {@code ip} of iproute2. What is made goes away with {@link #close} or the end of this process.
 * Different threads may have to do with different hosts.
 */
final class Network implements AutoCloseable {

    /** Nobody's address of Ethernet. */
    private static final String NOWHERE = "02:00:00:00:00:ff";

    private static final String DEVICE = "eth0";
    private static final int HERE = 254;
    private static final int SUBNETS = 250;

    private final String name = "mrt" + ProcessHandle.current().pid();
    private final String subnet = "10.231." + (1 + ProcessHandle.current().pid() % SUBNETS) + ".";
    private final List<String> hosts = new ArrayList<>();
    /** Ends here of the cables to the hosts, and the bridge first: what is to be deleted. */
    private final List<String> devices = new ArrayList<>();

    private final Thread cleaner = new Thread(this::remove, "millrace-torture-network");

    /**
     * Makes it.
     *
     * @throws IOException this machine, or this user, cannot; says why
     */
    Network(int count) throws IOException {
        Runtime.getRuntime().addShutdownHook(cleaner);
        try {
            ip("link", "add", name, "type", "bridge");
            devices.add(name);
            ip("addr", "add", here() + "/24", "dev", name);
            ip("link", "set", name, "up");
            for (int number = 0; number < count; number++) {
                String host = name + "-" + number;
                ip("netns", "add", host);
                hosts.add(host);
                String cable = "mrv" + ProcessHandle.current().pid() + "-" + number;
                ip("link", "add", cable, "type", "veth", "peer", "name", DEVICE, "netns", host);
                devices.add(cable);
                ip("link", "set", cable, "master", name, "up");
                ip("-n", host, "addr", "add", address(number) + "/24", "dev", DEVICE);
                ip("-n", host, "link", "set", "lo", "up");
                ip("-n", host, "link", "set", DEVICE, "up");
            }
        } catch (IOException e) {
            try {
                close();
            } catch (UncheckedIOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    /** @return address of this process in it */
    String here() {
        return subnet + HERE;
    }

    /** @return address of the host */
    String address(int host) {
        return subnet + (1 + host);
    }

    /** @return words of a command that runs the command behind it on the host, in its own process */
    List<String> within(int host) {
        return List.of("ip", "netns", "exec", hosts.get(host));
    }

    /** Loses all that the two send each other from now on. */
    void cut(int one, int other) throws IOException {
        lose(one, other);
        lose(other, one);
    }

    private void lose(int from, int to) throws IOException {
        ip(
                "-n",
                hosts.get(from),
                "neigh",
                "replace",
                address(to),
                "lladdr",
                NOWHERE,
                "dev",
                DEVICE,
                "nud",
                "permanent");
    }

    /** Lets them reach each other again. */
    void mend(int one, int other) throws IOException {
        find(one, other);
        find(other, one);
    }

    private void find(int from, int to) throws IOException {
        ip("-n", hosts.get(from), "neigh", "del", address(to), "dev", DEVICE);
    }

    private static void ip(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(words));
        OsProgram.run(command);
    }

    /**
     * The processes on the hosts should have ended.
     *
     * @throws UncheckedIOException some of it is still there; all that could be removed is gone
     */
    @Override
    public void close() {
        try {
            remove();
        } finally {
            Runtime.getRuntime().removeShutdownHook(cleaner);
        }
    }

    /** Cables first: a host on which a process still runs would keep its own. */
    private void remove() {
        List<List<String>> removals = new ArrayList<>();
        devices.reversed().forEach(device -> removals.add(List.of("link", "del", device)));
        hosts.forEach(host -> removals.add(List.of("netns", "del", host)));
        devices.clear();
        hosts.clear();
        IOException failure = null;
        for (List<String> removal : removals) {
            try {
                ip(removal.toArray(String[]::new));
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw new UncheckedIOException(failure);
        }
    }
}

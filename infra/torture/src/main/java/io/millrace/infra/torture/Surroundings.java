package io.millrace.infra.torture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What nodes and brokers run in, so that it can be hurt: links, disks and clocks of their own, as far as the faults that are asked for
 * need them, and as far as this machine has them. What it lacks is noted as left out.
 */
final class Surroundings implements AutoCloseable {

    private final int nodes;
    private final Set<Fault> faults;
    private final List<SmallDisk> disks = new ArrayList<>();
    private final List<FakeClock> clocks = new ArrayList<>();
    private Optional<Network> network = Optional.empty();

    /**
     * @param folder of all data
     * @param findings hears what is left out
     * @throws IllegalStateException if nothing is left of the faults that were asked for
     */
    Surroundings(TortureOptions options, Path folder, Findings findings) {
        nodes = options.nodes();
        faults = options.rolling() ? EnumSet.noneOf(Fault.class) : EnumSet.copyOf(options.faults());
        int hosts = options.nodes() + options.brokers();
        if (needs(Fault.OF_LINKS)) {
            if (options.brokers() == 1) {
                leaveOut(Fault.OF_LINKS, "links are cut where there are several brokers", findings);
            } else {
                make(
                        Fault.OF_LINKS,
                        "links are cut by root, in network namespaces",
                        findings,
                        () -> network = Optional.of(new Network(hosts)));
            }
        }
        if (needs(Fault.OF_DISKS)) {
            make(Fault.OF_DISKS, "small disks are mounted by root", findings, () -> {
                for (int node = 0; node < nodes; node++) {
                    disks.add(new SmallDisk(folder.resolve("node-" + node).resolve("data")));
                }
            });
        }
        if (needs(Fault.OF_CLOCKS)) {
            make(Fault.OF_CLOCKS, "clocks jump by libfaketime", findings, () -> {
                Path library = FakeClock.library()
                        .orElseThrow(() -> new IOException("expected it below /usr/lib, but it is not installed"));
                for (int host = 0; host < hosts; host++) {
                    clocks.add(new FakeClock(
                            library, Files.createDirectories(folder).resolve("clock-" + host)));
                }
            });
        }
        if (faults.isEmpty() && !options.rolling()) {
            close();
            throw new IllegalStateException(
                    "expected faults that can be done here, but all are left out: " + findings.leftOut());
        }
    }

    /** Something that this machine may lack. */
    private interface Making {
        void make() throws IOException;
    }

    private boolean needs(Set<Fault> kind) {
        return !Collections.disjoint(faults, kind);
    }

    private void make(Set<Fault> kind, String need, Findings findings, Making making) {
        try {
            making.make();
        } catch (IOException lacking) {
            leaveOut(kind, need + ": " + lacking.getMessage(), findings);
        }
    }

    private void leaveOut(Set<Fault> kind, String why, Findings findings) {
        faults.stream()
                .filter(kind::contains)
                .sorted()
                .forEach(fault -> findings.leftOut(fault.name() + " (" + fault.text() + "): " + why));
        faults.removeAll(kind);
    }

    /** @return those of the faults that were asked for which can be done */
    Set<Fault> faults() {
        return Set.copyOf(faults);
    }

    /** @return words of a command that runs the command behind it as the node, in its own process; may be none */
    List<String> withinNode(int node) {
        return within(node);
    }

    /** @return the same for the broker */
    List<String> withinBroker(int broker) {
        return within(nodes + broker);
    }

    private List<String> within(int host) {
        List<String> words = new ArrayList<>();
        network.ifPresent(there -> words.addAll(there.within(host)));
        if (!clocks.isEmpty()) {
            words.addAll(clocks.get(host).within());
        }
        return words;
    }

    /** @return address of the node */
    String nodeAddress(int node) {
        return address(node);
    }

    /** @return address of the broker */
    String brokerAddress(int broker) {
        return address(nodes + broker);
    }

    private String address(int host) {
        return network.map(there -> there.address(host)).orElse("127.0.0.1");
    }

    /** @return address of this process for nodes and brokers that do not reach loopback */
    Optional<String> here() {
        return network.map(Network::here);
    }

    /** A link between two that can be cut. */
    record Link(Network network, int one, int other) {

        /** Loses all that the two send each other from now on. */
        void cut() throws IOException {
            network.cut(one, other);
        }

        /** Lets them reach each other again. */
        void mend() throws IOException {
            network.mend(one, other);
        }
    }

    /** @return the link between a node and a broker */
    Link link(int node, int broker) {
        return new Link(network.orElseThrow(), node, nodes + broker);
    }

    /** @return the link between two nodes */
    Link linkOfNodes(int one, int other) {
        return new Link(network.orElseThrow(), one, other);
    }

    /** @return the link between two brokers */
    Link linkOfBrokers(int one, int other) {
        return new Link(network.orElseThrow(), nodes + one, nodes + other);
    }

    /** @return the disk of the node's folder */
    SmallDisk disk(int node) {
        return disks.get(node);
    }

    /** @return the clock of the node */
    FakeClock nodeClock(int node) {
        return clocks.get(node);
    }

    /** @return the clock of the broker */
    FakeClock brokerClock(int broker) {
        return clocks.get(nodes + broker);
    }

    /** Nodes and brokers should have ended. */
    @Override
    public void close() {
        network.ifPresent(Network::close);
        disks.forEach(SmallDisk::close);
    }
}

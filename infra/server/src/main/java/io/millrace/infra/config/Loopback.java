package io.millrace.infra.config;

import io.millrace.ingest.config.ConfigException;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** What addresses to listen on reach. Stateless. */
final class Loopback {

    private Loopback() {}

    /**
     * @return whether only this machine reaches it
     * @throws ConfigException if it is no address, and no name of one
     */
    static boolean is(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new ConfigException("expected an address of this host to listen on, but got '" + host + "'", e);
        }
    }

    /** @return whether it stands for all addresses of this host. A name that is not known does not */
    static boolean isAnyAddress(String host) {
        try {
            return InetAddress.getByName(host).isAnyLocalAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}

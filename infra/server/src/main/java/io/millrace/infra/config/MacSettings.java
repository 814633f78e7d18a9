package io.millrace.infra.config;

import io.millrace.ingest.config.ConfigException;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;

/**
 * What the node does with the MACs of commands.
 *
 * @param mode what becomes of commands without a valid MAC
 * @param keys none if the configuration names no file of keys
 */
public record MacSettings(MacMode mode, MacKeys keys) {

    /** @return whether there are no keys although some are needed */
    public boolean lacksKeys() {
        return mode != MacMode.OFF && keys.all().isEmpty();
    }

    /** @throws ConfigException if keys are lacking; its text says how to make them */
    public void expectKeys() {
        if (lacksKeys()) {
            throw new ConfigException("expected " + Settings.MAC_KEYS.key() + " (or the variable "
                    + Settings.MAC_KEYS.variable()
                    + ") to name a file with the keys by which the nodes know each other's"
                    + " commands, but it is missing. Make one for all nodes: (umask 077; echo \"k1 $(openssl rand -base64 32)\""
                    + " > command-keys). Or let whoever may write to Kafka act as anybody: " + Settings.MAC_MODE.key()
                    + " = \"off\"");
        }
    }

    /**
     * @return what makes and checks the MACs
     * @throws ConfigException if keys are lacking
     */
    public CommandMacs macs() {
        expectKeys();
        return new CommandMacs(mode, keys);
    }
}

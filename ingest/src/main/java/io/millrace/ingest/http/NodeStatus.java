package io.millrace.ingest.http;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which node this is, and how it is: so that nobody takes a stranger's server for one's own.
 *
 * @param node its name
 * @param data its folder, which is told only to who asks from the same machine, and through no proxy
 * @param notReady says what it waits for, empty once it can serve
 */
public record NodeStatus(String node, Path data, Supplier<Optional<String>> notReady) {

    /**
     * @param near whether the request comes from this machine, and through no proxy
     * @return what {@code /_/health} answers
     */
    public String health(boolean near) {
        return text("UP", near);
    }

    /**
     * @param near as above
     * @return what {@code /_/ready} answers while the node is ready
     */
    public String ready(boolean near) {
        return text("READY", near);
    }

    /** @return what it waits for, and who that is; empty once it can serve */
    public Optional<String> waitsFor() {
        return notReady.get().map(why -> "node " + node + " waits for " + why);
    }

    private String text(String status, boolean near) {
        return Json.object(json -> {
                    json.text("status", status).text("node", node);
                    if (near) {
                        json.text("data", data.toString());
                    }
                })
                .toString(StandardCharsets.UTF_8);
    }
}

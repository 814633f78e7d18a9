package io.millrace.infra.embedded;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import kafka.server.ControllerServer;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.controller.ControllerRequestContext;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.loader.LoaderManifest;
import org.apache.kafka.image.publisher.MetadataPublisher;
import org.apache.kafka.metadata.BrokerRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registration of a broker that was killed. The controller lets no new broker in while it takes the old one for alive,
 * which it does for as long as a session lasts. Here that is for ever, because the only broker and its controller live and
 * stall together. So the old registration is taken away at the start, by whoever holds the folder's lock and thereby knows
 * that nobody is left behind it.
 */
final class StaleRegistration {

    private static final Logger LOG = LoggerFactory.getLogger(StaleRegistration.class);
    private static final Duration TRY_AGAIN = Duration.ofMillis(2);

    private StaleRegistration() {}

    /**
     * Takes the registration away if it says that the broker lives, and returns when that is done. A broker that stopped in
     * order has said so: its registration stays, and the new one is known to follow an orderly stop.
     *
     * @param controller has been started
     */
    static void remove(ControllerServer controller) {
        FirstImage first = new FirstImage();
        controller.sharedServer().loader().installPublishers(List.of(first)).join();
        BrokerRegistration old = first.image.join().cluster().broker(BrokerSettings.NODE_ID);
        controller.sharedServer().loader().removeAndClosePublisher(first).join();
        if (old != null && !old.fenced()) {
            LOG.info("the broker was not stopped in order; its registration is removed, epoch={}", old.epoch());
            unregister(controller.controller());
        }
    }

    private static void unregister(Controller controller) {
        while (true) {
            try {
                controller.unregisterBroker(
                                new ControllerRequestContext(
                                        new RequestHeaderData(), KafkaPrincipal.ANONYMOUS, OptionalLong.empty()),
                                BrokerSettings.NODE_ID)
                        .join();
                return;
            } catch (CompletionException e) {
                // It has read its log, but does not yet know that it was elected.
                if (!(e.getCause() instanceof NotControllerException)) {
                    throw e;
                }
                LockSupport.parkNanos(TRY_AGAIN.toNanos());
            }
        }
    }

    /** What the metadata log said when the controller had read it. */
    private static final class FirstImage implements MetadataPublisher {

        private final CompletableFuture<MetadataImage> image = new CompletableFuture<>();

        @Override
        public String name() {
            return "StaleRegistration";
        }

        @Override
        public void onMetadataUpdate(MetadataDelta delta, MetadataImage newImage, LoaderManifest manifest) {
            image.complete(newImage);
        }
    }
}

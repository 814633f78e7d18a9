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
 * The registration of a broker that was killed. It is removed at the start, because the controller lets no new broker
 * in while it takes the old one for alive. It does so as long as a session lasts. Here that is for ever, since the only
 * broker and its controller live and stall together. The caller holds the folder's lock, so it is certain that no other
 * broker uses the registration.
 */
final class StaleRegistration {

    private static final Logger LOG = LoggerFactory.getLogger(StaleRegistration.class);
    private static final Duration TRY_AGAIN = Duration.ofMillis(2);

    private StaleRegistration() {}

    /**
     * Removes the registration if it says that the broker lives. Returns when that is done. A broker that stopped in
     * order has said so: its registration stays, so the controller knows that the new broker follows an orderly stop.
     *
     * @param controller a controller that has been started
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
                controller
                        .unregisterBroker(
                                new ControllerRequestContext(
                                        new RequestHeaderData(), KafkaPrincipal.ANONYMOUS, OptionalLong.empty()),
                                BrokerSettings.NODE_ID)
                        .join();
                return;
            } catch (CompletionException e) {
                // The controller has read its log, but does not know yet that it was elected.
                if (!(e.getCause() instanceof NotControllerException)) {
                    throw e;
                }
                LockSupport.parkNanos(TRY_AGAIN.toNanos());
            }
        }
    }

    /** The state of the metadata log when the controller has read it. */
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

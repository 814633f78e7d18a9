package io.millrace.infra.server;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.millrace.proto.call.StrictCalls;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes whole services from the parts that the roles of this node serve. A method that no role serves here is listed
 * all the same, so that reflection shows the whole API. It answers UNIMPLEMENTED.
 */
final class ServiceMerger {

    private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();

    private ServiceMerger(Collection<ServerServiceDefinition> parts) {
        for (ServerServiceDefinition part : parts) {
            for (ServerMethodDefinition<?, ?> method : part.getMethods()) {
                String name = method.getMethodDescriptor().getFullMethodName();
                if (methods.put(name, method) != null) {
                    throw new IllegalStateException("expected one role to serve " + name + ", but two do");
                }
            }
        }
    }

    /**
     * @param services the services to make, as generated
     * @param parts the definitions that the roles serve
     * @return one definition for each service
     * @throws IllegalStateException if a method is served twice, or belongs to none of the services
     */
    static List<ServerServiceDefinition> merge(
            List<ServiceDescriptor> services, Collection<ServerServiceDefinition> parts) {
        ServiceMerger merger = new ServiceMerger(parts);
        List<ServerServiceDefinition> whole =
                services.stream().map(merger::whole).toList();
        if (!merger.methods.isEmpty()) {
            throw new IllegalStateException(
                    "expected only methods of known services, but got " + merger.methods.keySet());
        }
        return whole;
    }

    private ServerServiceDefinition whole(ServiceDescriptor service) {
        List<ServerMethodDefinition<?, ?>> whole = new ArrayList<>();
        for (MethodDescriptor<?, ?> method : service.getMethods()) {
            ServerMethodDefinition<?, ?> served = methods.remove(method.getFullMethodName());
            whole.add(served == null ? unimplemented(method) : served);
        }
        return StrictCalls.ofMethods(service, whole);
    }

    private static <Q, A> ServerMethodDefinition<Q, A> unimplemented(MethodDescriptor<Q, A> method) {
        return ServerMethodDefinition.create(method, new ServerCallHandler<Q, A>() {
            @Override
            public ServerCall.Listener<Q> startCall(ServerCall<Q, A> call, Metadata headers) {
                call.close(
                        Status.UNIMPLEMENTED.withDescription("expected a method that this node serves, but "
                                + method.getFullMethodName() + " is not one"),
                        new Metadata());
                return new ServerCall.Listener<>() {};
            }
        });
    }
}

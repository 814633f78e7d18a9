package io.millrace.ingest.limits;

/**
 * What one organisation has under way on this node. Safe from any thread.
 *
 * @param calls its share of gRPC calls and HTTP requests
 * @param polls its share of polls, subscriptions and calls that wait for an end
 * @param streams its share of event streams
 * @param requestBytes its share of requests that are under way
 * @param histories where its histories pass, counted one by one
 * @param proofs where its files of proofs pass, counted one by one
 * @param answers where its answers pass, counted in bytes
 * @param heldBytes its share of large answers that are no histories, until they are taken
 */
public record OrganisationLoad(
        Pool.Share calls,
        Pool.Share polls,
        Pool.Share streams,
        Pool.Share requestBytes,
        Turnstile histories,
        Turnstile proofs,
        Turnstile answers,
        Pool.Share heldBytes) {}

/**
 * Kills, stops and holds up the parts of an installation while clients use it, and checks afterwards that nothing that was
 * acknowledged is missing, doubled or stuck.
 */
@NullMarked
package io.millrace.infra.torture;

import org.jspecify.annotations.NullMarked;

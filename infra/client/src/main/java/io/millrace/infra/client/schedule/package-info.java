/**
 * Commands about schedules. The workflows that a schedule has started are shown by those about workflows.
 */
@NullMarked
package io.millrace.infra.client.schedule;

import org.jspecify.annotations.NullMarked;

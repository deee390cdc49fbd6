# SPDX-License-Identifier: Apache-2.0
"""Is the operator: looks at each clone, decides, acts, and tells.

The rooms, outermost first (the import order is a contract that fails the build):

    __main__    starts the operator and turns a failure into an exit code
    app         builds everything and wires it, once
    triggers    turns watch events into "wake this key"
    queue       says which key runs when
    reconcile   runs one pass: observe, plan, execute, publish
    gateways    speak to Kubernetes, the databases, the public route and the clock
    plan        decides, from one observation, what to do and what to say: pure
    render      builds each manifest we own: pure
    ports       the few verbs the loop needs, and the values that cross them
    settings    reads the environment once
    telemetry   sets up logs and the probes' figures once
"""

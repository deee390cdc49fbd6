# SPDX-License-Identifier: Apache-2.0
"""Holds the custom resources as values, their conditions, names and labels, and emits the schema.

Everything here is pure: no clock, no client, no environment. The modules:

    clones       WordPressClone: spec and status as frozen models, and `parse`
    conditions   the conditions of a clone, each with a named constructor
    reasons      every reason that `Ready` may show, and what kind of reason it is
    names        the name of each thing made for a clone
    labels       labels, annotations and the finalizer
    durations    Go-style durations: "1h30m"
    mover        what operator and mover tell each other
    secrets      the keys of the Secrets we read and write
    text         cleans what strangers wrote before a person sees it
    crd          the CustomResourceDefinition, made from the models
"""

#pragma once

/// Everything that a test of a durable handler includes, but for the adapters of test frameworks.
#include <durable/durable.hpp>
#include <durasim/audit.hpp>
#include <durasim/chooser.hpp>
#include <durasim/choosers.hpp>
#include <durasim/clock.hpp>
#include <durasim/coverage.hpp>
#include <durasim/effects.hpp>
#include <durasim/environment.hpp>
#include <durasim/execution.hpp>
#include <durasim/explore.hpp>
#include <durasim/faults.hpp>
#include <durasim/framework.hpp>
#include <durasim/history.hpp>
#include <durasim/oracles.hpp>
#include <durasim/recover.hpp>
#include <durasim/report.hpp>
#include <durasim/schedule.hpp>
#include <durasim/script.hpp>
#include <durasim/search.hpp>
#include <durasim/service.hpp>
#include <durasim/shrink.hpp>
#include <durasim/simulation.hpp>
#include <durasim/timeline.hpp>
#include <durasim/trace.hpp>

#pragma once

/// Everything that a durable handler includes.
#include <durable/callback.hpp>
#include <durable/config.hpp>
#include <durable/context.hpp>
#include <durable/error_registry.hpp>
#include <durable/errors.hpp>
#include <durable/logger.hpp>
#include <durable/model.hpp>
#include <durable/retry.hpp>
#include <durable/serdes.hpp>

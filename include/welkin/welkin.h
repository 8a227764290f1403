/* All of welkin: measure, even out and explain the sky background of astronomical exposures. */
#ifndef WELKIN_WELKIN_H
#define WELKIN_WELKIN_H

#include "welkin/api.h"
#include "welkin/background.h"
#include "welkin/catalog.h"
#include "welkin/cells.h"
#include "welkin/check.h"
#include "welkin/config.h"
#include "welkin/correlation.h"
#include "welkin/edit.h"
#include "welkin/exposure.h"
#include "welkin/figure.h"
#include "welkin/frame.h"
#include "welkin/image.h"
#include "welkin/ledger.h"
#include "welkin/match.h"
#include "welkin/offset.h"
#include "welkin/preview.h"
#include "welkin/rows.h"
#include "welkin/simulate.h"
#include "welkin/star.h"
#include "welkin/statistic.h"
#include "welkin/status.h"
#include "welkin/summary.h"
#include "welkin/table.h"
#include "welkin/tile.h"
#include "welkin/variance.h"
#include "welkin/wcs.h"

#endif

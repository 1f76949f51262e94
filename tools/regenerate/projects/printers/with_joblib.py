import joblib

import shop

joblib.Parallel(n_jobs=2)(joblib.delayed(shop.total)([name]) for name in ("tea", "coffee"))

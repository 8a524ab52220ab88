import vedette.engine.pipeline as PL, collections, sys
from vedette.app.cli import main
f=PL.watch.step; C=collections.Counter(); n=[0]
def g(*a,**k):
    r=f(*a,**k); C.update(a[2].column("status").to_pylist()); n[0]+=1; C["ticks"]+=1; C["names"]=max(C["names"],len(r[0].tracks)); C["conf"]+=sum(t.confirmed for t in r[0].tracks.values())
    return r
PL.watch.step=g
sys.argv=["vedette","watch","table:/work/shared/data/surveillance/adsb/calibration_bornholm_2018-11-26.parquet","--until-end","--tick","10"]
try: main()
except SystemExit: pass
print(C)

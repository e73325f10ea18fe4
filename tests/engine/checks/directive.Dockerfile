# check=skip=StageNameCasing, FromAsCasing
FROM scratch as Build
FROM scratch as other

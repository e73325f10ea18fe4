FROM scratch
ARG KNOWN=1
COPY <<one <<"two" <<-three /x/
$KNOWN $UNKNOWN '$QUOTED' "$DOUBLE" \$ESCAPED
one
$NOT
two
	$TABS ${UNKNOWN}
three
RUN <<end
echo $SHELL_SEES
end

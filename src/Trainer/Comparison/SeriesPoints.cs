namespace P6bNative.Trainer.Comparison;

/// <summary>Thins a long series for drawing.</summary>
internal static class SeriesPoints
{
    /// <summary>
    /// At most about <paramref name="most"/> points: of each stretch of the series its lowest and its highest, in their order, so that no peak
    /// is lost. A short series comes back whole.
    /// </summary>
    public static IReadOnlyList<(double X, double Y)> Thin(IReadOnlyList<(double X, double Y)> points, int most)
    {
        if (points.Count <= most) return points;
        int stretches = Math.Max(1, most / 2);
        var kept = new List<(double X, double Y)>(2 * stretches);
        for (int i = 0; i < stretches; i++)
        {
            int start = (int)((long)points.Count * i / stretches), end = (int)((long)points.Count * (i + 1) / stretches);
            int low = start, high = start;
            for (int j = start + 1; j < end; j++)
            {
                if (points[j].Y < points[low].Y) low = j;
                if (points[j].Y > points[high].Y) high = j;
            }

            kept.Add(points[Math.Min(low, high)]);
            if (low != high) kept.Add(points[Math.Max(low, high)]);
        }

        return kept;
    }
}

namespace P6bNative.Kernels.Language;

/// <summary>Where a group stands among the groups of its launch.</summary>
public static class Grid
{
    [ThreadStatic]
    private static Position _position;

    /// <summary>Number of this group, first dimension.</summary>
    public static int IdxX => _position.X;

    /// <summary>Number of this group, second dimension.</summary>
    public static int IdxY => _position.Y;

    /// <summary>Number of this group, third dimension.</summary>
    public static int IdxZ => _position.Z;

    /// <summary>Groups in the first dimension.</summary>
    public static int DimX => _position.GroupsX;

    /// <summary>Groups in the second dimension.</summary>
    public static int DimY => _position.GroupsY;

    /// <summary>Groups in the third dimension.</summary>
    public static int DimZ => _position.GroupsZ;

    internal static void Set(int x, int y, int z, int groupsX, int groupsY, int groupsZ) =>
        _position = new Position(x, y, z, groupsX, groupsY, groupsZ);

    private readonly record struct Position(int X, int Y, int Z, int GroupsX, int GroupsY, int GroupsZ);
}

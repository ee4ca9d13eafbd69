namespace Dub.Clerk;

/// <summary>Which click counts when a visitor comes by several links before signing up.</summary>
public enum AttributionModel
{
    /// <summary>A later click replaces an earlier one. The default, and that of Dub's script.</summary>
    LastClick,

    /// <summary>The first click is kept until its cookie expires.</summary>
    FirstClick,
}

"""The map itself: points of all notes, painted in one stroke for each region, moved by mouse and keys."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from desktop_app.domain.note_map import NoteMap
from desktop_app.ui.search.map_places import FreeRoom, MapPlaces
from desktop_app.ui.theme.theme import Theme

_COLOURS = (
    "meter_conversation",
    "meter_draft",
    "meter_notes",
    "meter_instructions",
    "meter_pinned",
    "meter_attachments",
)
_MARGIN = 48
_REACH = 14
_CLICK = 4
_ZOOM = 1.25
_MOST_ZOOM = 60.0
_LONGEST_TITLE = 60
_MANY = 2_000
_NAME_SIZE, _TITLE_SIZE = 12.5, 11.5
_MOST_TITLED = 120
_LONGEST_BESIDE = 36
_TITLES_FROM = 1.5


class NoteMapView(QWidget):
    """Wheel and +/− zoom, dragging pans, 0 shows all. Arrow keys go to the nearest note, Enter or a click opens it."""

    opened = Signal(int)  # note id

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._map: NoteMap | None = None
        self._places = MapPlaces((), ())
        self._clouds: list[QPolygonF] = []
        self._middles: list[QPointF] = []
        self._colours: list[int] = []
        self._scale, self._fitted = 1.0, 1.0
        self._shift = QPointF()
        self._touched = False
        self._pressed: QPointF | None = None
        self._dragged = False
        self._hovered: int | None = None
        self.current: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, 160)
        self.setAccessibleName(self.tr("Map of your notes"))
        theme.changed.connect(self.update)

    def show_map(self, shown: NoteMap) -> None:
        """Show a map; a place the person zoomed to is kept, and the note that was chosen, where it is still there."""
        if shown is self._map:
            return
        kept = self._map.note_ids[self.current] if self._map is not None and self.current is not None else None
        self._map = shown
        self._places = MapPlaces(shown.x, shown.y)
        self._clouds = [QPolygonF() for _ in shown.names]
        for x, y, region in zip(shown.x, shown.y, shown.regions, strict=True):
            self._clouds[region].append(QPointF(x, y))
        self._middles = [_middle(cloud) for cloud in self._clouds]
        self._colours = colours_apart(self._middles, len(_COLOURS))
        self.current = shown.note_ids.index(kept) if kept in shown.note_ids else None
        self._hovered = None
        self._tell()
        self.fit_all() if not self._touched else self.update()

    # Moving -------------------------------------------------------------------------------------

    def fit_all(self) -> None:
        """Show the whole map."""
        places = self._places
        wide, high = max(places.right - places.left, 1e-6), max(places.bottom - places.top, 1e-6)
        room = QSize(max(40, self.width() - 2 * _MARGIN), max(40, self.height() - 2 * _MARGIN))
        self._fitted = self._scale = min(room.width() / wide, room.height() / high)
        middle = QPointF((places.left + places.right) / 2, (places.top + places.bottom) / 2) * self._scale
        self._shift = QPointF(self.width() / 2, self.height() / 2) - middle
        self._touched = False
        self.update()

    def zoom(self, factor: float, about: QPointF | None = None) -> None:
        """Larger or smaller; the place `about` (of the widget) stays where it is."""
        about = about if about is not None else self._anchor()
        scale = min(max(self._scale * factor, self._fitted * 0.5), self._fitted * _MOST_ZOOM)
        self._shift = about - (about - self._shift) * (scale / self._scale)
        self._scale = scale
        self._touched = True
        self.update()

    def place_of(self, point: int) -> QPointF:
        """Where a note is in the widget."""
        return QPointF(self._places.x[point], self._places.y[point]) * self._scale + self._shift

    def point_at(self, position: QPointF) -> int | None:
        """The note under the pointer."""
        place = (position - self._shift) / self._scale
        return self._places.near(place.x(), place.y(), self._theme.px(_REACH) / self._scale)

    def choose(self, point: int) -> None:
        """Make a note the current one and bring it into view."""
        self.current = point
        place = self.place_of(point)
        inside = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        if not inside.contains(place):
            self._shift += QPointF(self.width() / 2, self.height() / 2) - place
            self._touched = True
        self._tell()
        self.update()

    def _anchor(self) -> QPointF:
        if self.current is not None:
            return self.place_of(self.current)
        return QPointF(self.width() / 2, self.height() / 2)

    def _tell(self) -> None:
        """Have a screen reader say where the keyboard is."""
        if self._map is None:
            return
        count = len(self._map.note_ids)
        if self.current is None:
            words = self.tr("{n} notes. Arrow keys go from note to note, Enter opens one.").format(n=count)
        else:
            name = self._map.names[self._map.regions[self.current]]
            words = self._title(self.current) + (self.tr(", near {region}").format(region=name) if name else "")
        self.setAccessibleDescription(words)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def _title(self, point: int) -> str:
        return (self._map.titles[point] if self._map is not None else "") or self.tr("Untitled")

    # Events -------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        key = Qt.Key(event.key())
        if self._map is None:
            super().keyPressEvent(event)
        elif key in steps:
            self._step(*steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.opened.emit(self._map.note_ids[self.current])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(_ZOOM)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / _ZOOM)
        elif key == Qt.Key.Key_0:
            self.fit_all()
        else:
            super().keyPressEvent(event)

    def _step(self, across: int, down: int) -> None:
        if self.current is None:
            middle = (QPointF(self.width() / 2, self.height() / 2) - self._shift) / self._scale
            found = self._places.near(middle.x(), middle.y(), 1e12)
        else:
            found = self._places.towards(self.current, across, down)
        if found is not None:
            self.choose(found)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(_ZOOM ** (event.angleDelta().y() / 120.0), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None:
            moved = event.position() - self._pressed
            if self._dragged or moved.manhattanLength() > _CLICK:
                self._dragged = self._touched = True
                self._shift += moved
                self._pressed = event.position()
                self.update()
            return
        hovered = self.point_at(event.position())
        if hovered != self._hovered:
            self._hovered = hovered
            self.setCursor(Qt.CursorShape.ArrowCursor if hovered is None else Qt.CursorShape.PointingHandCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        self._pressed = None
        point = self.point_at(event.position())
        if not self._dragged and point is not None and self._map is not None:
            self.choose(point)
            self.opened.emit(self._map.note_ids[point])

    def leaveEvent(self, event: object) -> None:
        self._hovered = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._touched:
            self.fit_all()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # Painting -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._map is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        to_widget = QTransform(self._scale, 0, 0, self._scale, self._shift.x(), self._shift.y())
        # Ten thousand round points take 28 ms a frame, small square ones 3 ms.
        many = len(self._map.note_ids) > _MANY
        width = self._theme.px(4 if many else 8)
        cap = Qt.PenCapStyle.SquareCap if many else Qt.PenCapStyle.RoundCap
        for region, cloud in enumerate(self._clouds):
            colour = QColor(self._theme.color(_COLOURS[self._colours[region]]))
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, cap))
            painter.drawPoints(to_widget.map(cloud))
        self._paint_names(painter)
        if self.current is not None:
            self._paint_ring(painter, self.place_of(self.current))
        shown = self._hovered if self._hovered is not None else self.current
        if shown is not None:
            self._paint_title(painter, shown)

    def names_shown(self) -> list[tuple[str, QRectF]]:
        """Regions' names and where they stand: large regions first; a name that would lie on another is left out until
        there is room, and so is one that stands there already.
        """
        if self._map is None:
            return []
        metrics = QFontMetrics(self._theme.interface_font(_NAME_SIZE, weight=self.font().Weight.DemiBold))
        shown: list[tuple[str, QRectF]] = []
        for name, middle in zip(self._map.names, self._middles, strict=True):
            size = metrics.size(0, name)
            place = middle * self._scale + self._shift
            box = QRectF(place.x() - size.width() / 2 - 6, place.y() - size.height() / 2 - 2, 0, 0)
            box.setSize(QSize(size.width() + 12, size.height() + 4))
            apart = all(name != other and not box.intersects(there) for other, there in shown)
            if name and apart and box.intersects(QRectF(self.rect())):
                shown.append((name, box))
        return shown

    def titles_shown(self, names: Sequence[tuple[str, QRectF]]) -> list[tuple[str, QRectF]]:
        """Once few notes are to be seen, their titles, beside them where there is room between the `names`."""
        if self._scale < _TITLES_FROM * self._fitted:
            return []
        corner = (QPointF(0, 0) - self._shift) / self._scale
        end = (QPointF(self.width(), self.height()) - self._shift) / self._scale
        metrics = QFontMetrics(self._theme.interface_font(_TITLE_SIZE))
        points = self._places.inside(corner.x(), corner.y(), end.x(), end.y(), _MOST_TITLED)
        places = [self.place_of(point).toTuple() for point in points]
        told = self._hovered if self._hovered is not None else self.current
        room = FreeRoom(places, [(box.left(), box.top(), box.right(), box.bottom()) for _, box in names])
        shown: list[tuple[str, QRectF]] = []
        for point, (x, y) in zip(points, places, strict=True):
            if point == told:  # its whole title stands above it
                continue
            title = _shortened(self._title(point), _LONGEST_BESIDE)
            left, top = x + self._theme.px(8), y - metrics.height() / 2
            box = QRectF(left, top, metrics.horizontalAdvance(title), metrics.height())
            if box.right() <= self.width() and room.take(box.left(), box.top(), box.right(), box.bottom()):
                shown.append((title, box))
        return shown

    def title_shown(self, point: int) -> tuple[str, QRectF]:
        """The title of the note that is chosen or pointed at, and where it stands: whole or with "…", never cut."""
        metrics = QFontMetrics(self._theme.interface_font())
        whole = _shortened(" ".join(self._title(point).split()), _LONGEST_TITLE)
        title = metrics.elidedText(whole, Qt.TextElideMode.ElideRight, max(0, self.width() - 28))
        width, height = metrics.horizontalAdvance(title) + 20, metrics.height() + 10
        place = self.place_of(point)
        left = min(max(4.0, place.x() - width / 2), max(4.0, self.width() - width - 4.0))
        above = place.y() - height - self._theme.px(12)
        top = above if above > 4 else place.y() + self._theme.px(12)
        return title, QRectF(left, top, width, height)

    def _paint_names(self, painter: QPainter) -> None:
        names = self.names_shown()
        painter.setFont(self._theme.interface_font(_TITLE_SIZE))
        painter.setPen(self._theme.color("muted_text"))
        for title, box in self.titles_shown(names):
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, title)
        painter.setFont(self._theme.interface_font(_NAME_SIZE, weight=self.font().Weight.DemiBold))
        ground = QColor(self._theme.color("window"))
        ground.setAlpha(215)
        for name, box in names:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(box, 6, 6)
            painter.setPen(self._theme.color("text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)

    def _paint_ring(self, painter: QPainter, place: QPointF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        role = "text" if self.hasFocus() else "muted_text"
        painter.setPen(QPen(self._theme.color(role), self._theme.px(2)))
        radius = self._theme.px(8)
        painter.drawEllipse(place, radius, radius)

    def _paint_title(self, painter: QPainter, point: int) -> None:
        title, box = self.title_shown(point)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("toast"))
        painter.drawRoundedRect(box, 7, 7)
        painter.setFont(self._theme.interface_font())
        painter.setPen(self._theme.color("on_toast"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, title)


def _shortened(title: str, longest: int) -> str:
    return title if len(title) <= longest else title[:longest] + "…"


def colours_apart(middles: Sequence[QPointF], count: int) -> list[int]:
    """One of `count` colours for each region: the one whose nearest region is the farthest, so neighbours differ."""
    colours: list[int] = []
    for region, middle in enumerate(middles):
        nearest = [math.inf] * count
        for other in range(region):
            away = middles[other] - middle
            distance = math.hypot(away.x(), away.y())
            nearest[colours[other]] = min(nearest[colours[other]], distance)
        colours.append(max(range(count), key=lambda colour: nearest[colour]))
    return colours


def _middle(cloud: QPolygonF) -> QPointF:
    """The median of the points, by axis: where most of a region is."""
    if cloud.isEmpty():
        return QPointF()
    points = cloud.toList()
    across = sorted(point.x() for point in points)
    down = sorted(point.y() for point in points)
    return QPointF(across[len(across) // 2], down[len(down) // 2])
